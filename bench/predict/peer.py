"""Times torchvision's prediction, from files to detections. Prints one JSON line."""
import json
import sys
import time

import torch
import torchvision
from torchvision.io import ImageReadMode, read_image
from torchvision.models.detection import ssdlite320_mobilenet_v3_large

job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
saved = torch.load(job["model"], weights_only=True)
model = ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=len(saved["classes"]) + 1)
model.load_state_dict(saved["model"])
model.eval()
if job["channelsLast"]:
    model = model.to(memory_format=torch.channels_last)
    transform = model.transform.forward

    def channels_last(images, targets=None):
        batch, targets = transform(images, targets)
        batch.tensors = batch.tensors.contiguous(memory_format=torch.channels_last)
        return batch, targets

    model.transform.forward = channels_last


@torch.inference_mode()
def predict(files):
    found = 0
    for i in range(0, len(files), job["batch"]):
        pictures = [read_image(file, ImageReadMode.RGB).float() / 255 for file in files[i : i + job["batch"]]]
        found += sum(len(detections["scores"]) for detections in model(pictures))
    return found


predict(job["files"][: job["warmup"]])
start, before = time.perf_counter(), time.process_time()
detections = predict(job["files"])
used = {"seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - before}
print(json.dumps({"version": torch.__version__, "torchvision": torchvision.__version__, **used, "detections": detections}))
