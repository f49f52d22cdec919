"""The directory: records of vendors that nobody runs yet, who claims them, and which two are one."""
