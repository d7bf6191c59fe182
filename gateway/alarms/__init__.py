"""What a person must be told of: which alarms there are, which are raised now, and how somebody is called."""
