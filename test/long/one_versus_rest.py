#!/usr/bin/env python3
"""What scikit-learn's one-versus-rest logistic regression, answered at a threshold of .5, makes of sets of tags.

    one_versus_rest.py FILE

FILE is JSON: {"dims", "tags", "train": {"features": [row][dims], "sets": [row][tag numbers]}, "test": {…}}. Writes one line of
JSON: {"micro_f1", "subset_accuracy", "macro_f1"} on the test rows.
"""
import json
import os
import sys

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier


def matrices(rows, tags):
    sets = np.zeros((len(rows["sets"]), tags), dtype=int)
    for r, own in enumerate(rows["sets"]):
        sets[r, own] = 1
    return np.array(rows["features"]), sets


data = json.load(open(sys.argv[1]))
x, y = matrices(data["train"], data["tags"])
x_test, y_test = matrices(data["test"], data["tags"])
scores = OneVsRestClassifier(LogisticRegression(max_iter=1000)).fit(x, y).predict_proba(x_test)
said = (scores >= 0.5).astype(int)
print(json.dumps({
    "micro_f1": f1_score(y_test, said, average="micro", zero_division=0),
    "subset_accuracy": float((said == y_test).all(axis=1).mean()),
    "macro_f1": f1_score(y_test, said, average="macro", zero_division=0),
}))
