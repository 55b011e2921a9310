"""The command that records experiments: ``python -m lrlib.run NAME``."""

from .records.command import main

if __name__ == "__main__":
    main()
