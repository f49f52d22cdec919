"""`python -m api COMMAND`: the service's commands without the installed script, as its own child processes use them."""

import sys

from attestations.cli import main

sys.exit(main())
