"""What people write on the left of a formula for what is none of the quantities here, by words and by letters.

A word that one of the quantities has for itself is that quantity's.
"""

OTHER_WORDS = {
    **dict.fromkeys(("js", "jsd", "jensen", "shannon"), "the Jensen-Shannon divergence"),
    "sym": "a symmetrised divergence",
    **dict.fromkeys(("renyi", "alpha"), "a divergence of another family"),
    **dict.fromkeys(("elbo", "vlb", "evidence", "bound", "energy"), "a bound on the evidence"),
    **dict.fromkeys(("nll", "likelihood"), "a likelihood"),
    **dict.fromkeys(("mi", "mutual"), "a mutual information"),
    **dict.fromkeys(("wasserstein", "hellinger", "bhattacharyya", "tv", "mmd", "chi"), "another distance"),
    **dict.fromkeys(("rev", "reverse", "reversed", "backward", "rkl"), "the reverse divergence"),
}
OTHER_LETTERS = {"I": "a mutual information"}
