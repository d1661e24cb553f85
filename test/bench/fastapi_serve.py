"""The same predictions as a Python user would serve them: FastAPI, uvicorn, scikit-learn's LogisticRegression, one process.

fastapi_serve.py TRAINING.json PORT: rows as {"features": […], "label": "…"}; POST /predict takes {"inputs": [{"features": […]}]}.
"""
import json
import os
import sys

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sklearn.linear_model import LogisticRegression

rows = json.load(open(sys.argv[1]))
model = LogisticRegression(max_iter=500).fit(
    np.array([row["features"] for row in rows], "f4"), [row["label"] for row in rows]
)
labels = [str(label) for label in model.classes_]
app = FastAPI()


class Input(BaseModel):
    features: list[float]


class Body(BaseModel):
    inputs: list[Input]


@app.get("/healthz")
async def health():
    return {"status": "ok"}


@app.post("/predict")
async def predict(body: Body):
    scores = model.predict_proba(np.array([one.features for one in body.inputs], "f4"))
    ranked = [sorted(zip(labels, map(float, row)), key=lambda pair: -pair[1]) for row in scores]
    return {
        "predictions": [
            {"label": best[0][0], "score": best[0][1], "scores": [{"label": l, "score": s} for l, s in best]}
            for best in ranked
        ]
    }


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
