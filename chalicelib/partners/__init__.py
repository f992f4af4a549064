"""Partner platforms: who asks, by a signed request, and which results are theirs to see."""
