"""What is a legal value: settings, plan designs, compensation levers, census rows and events."""
