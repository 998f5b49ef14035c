"""What a policy file would have made of the newest issues and pull requests, beside what the one in force makes.

Both are put in force on the very road that events take, each on a database that is thrown away, and nothing is written.
"""

from bot.simulation.comparison import Difference, Judgement, Result
from bot.simulation.run import Case, simulate

__all__ = ["Case", "Difference", "Judgement", "Result", "simulate"]
