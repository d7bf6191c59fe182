"""The ground floor: what did the citizen say? Pure: no I/O, no clock."""
