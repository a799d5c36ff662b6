"""Lets ``python -m cordsearch`` stand for the console command ``cordsearch``."""

from cordsearch.cli import main

if __name__ == "__main__":
    main()
