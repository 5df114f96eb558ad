"""The words that the offices and the engine share: plain dataclasses with JSON, no Django, no torch.

A *run folder* is the directory through which a job and the engine exchange everything:

    RUN/spec.json        what to do                        specs.RunSpec           written by the runner
    RUN/manifest.jsonl   the images, one a line            manifest.ManifestLine   written by the runner
    RUN/labels/ID.zarr   uint32 (p, t, z, y, x)                                    written by the runner
    RUN/labels/ID.json   class of each cell, optional      results.CellList        written by the runner
    RUN/cancel           asks the engine to stop                                   written by the runner
    RUN/progress.jsonl   status, metrics, pictures         progress.*              written by the engine
    RUN/pictures/*.png   samples and example predictions                           written by the engine
    RUN/checkpoint/      what a resume needs                                       written by the engine
    RUN/model/           weights.safetensors, model.json   results.ModelCard       result of train
    RUN/outputs/ID.zarr  uint32 (p, t, z, y, x)                                    result of predict
    RUN/outputs/ID.json  quality and class of each cell    results.CellList        result of predict
    RUN/result.json      last, renamed into place          results.RunResult       written by the engine
"""
