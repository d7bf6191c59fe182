"""SMPP, both ways: operators' SMSCs and we."""
