"""The simulated week on X with its deaths and faulty calls (tests/x/week.py), its clock moved by hand: the books must agree."""

from tests.x import week


def main() -> bool:
    """10,000 posts in 7 days, 60 deaths, 3 % of the calls faulty; prints its books and says whether they agree."""
    return week.main([]) == 0
