"""Three-stage generation: candidates by top-k sampling, ranking by a weighted reward, repair of the winner's text."""
