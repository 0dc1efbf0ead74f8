"""``python -m lesion_core <command>``."""

from lesion_core.cli import main

if __name__ == "__main__":
    main()
