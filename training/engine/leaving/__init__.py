"""Trained models leave the house: as ONNX, as a bioimage.io package, as a folder that serves itself."""
