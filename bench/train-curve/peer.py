"""
Trains torchvision's ssdlite320 on a VOC-style data set with the settings of our recipe ssdlite320-small and prints AP50 on the way.

    python peer.py DATA EPOCHS [THREADS [SEED]]
"""
import contextlib
import io
import math
import os
import random
import sys
import time
import xml.etree.ElementTree as ET

import numpy as np
import torch


def define_missing_nms():
    """For a torchvision whose own library does not load beside this torch."""
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

    def nms(boxes, scores, threshold):
        order = scores.argsort(descending=True)
        overlaps = (box_iou(boxes[order], boxes[order]) > threshold).numpy()
        gone = np.zeros(len(order), bool)
        keep = []
        for i in range(len(order)):
            if not gone[i]:
                keep.append(i)
                gone |= overlaps[i]
        return order[torch.tensor(keep, dtype=torch.long)]

    library.impl("nms", nms, "CPU")
    return library


def box_iou(a, b):
    low = torch.maximum(a[:, None, :2], b[None, :, :2])
    high = torch.minimum(a[:, None, 2:], b[None, :, 2:])
    common = (high - low).clamp(min=0).prod(-1)
    area = lambda x: (x[:, 2:] - x[:, :2]).prod(-1)
    return common / (area(a)[:, None] + area(b)[None] - common)


try:
    import torchvision
except (RuntimeError, OSError):
    kept = define_missing_nms()
    import torchvision

    torchvision.ops.boxes._assert_has_ops = lambda: None

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torchvision import tv_tensors
from torchvision.io import ImageReadMode
from torchvision.models.detection import ssdlite320_mobilenet_v3_large
from torchvision.transforms import v2
from PIL import Image

root, epochs = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(int(sys.argv[3]) if len(sys.argv) > 3 else os.cpu_count())
seed = int(sys.argv[4]) if len(sys.argv) > 4 else 0
torch.manual_seed(seed)
random.seed(seed)
BATCH, RATE, DECAY, WARMUP, START = 16, 2e-3, 0.05, 30, 0.01


def read(split, classes):
    samples = []
    for name in open(f"{root}/ImageSets/Main/{split}.txt").read().split():
        image = torch.from_numpy(np.array(Image.open(f"{root}/JPEGImages/{name}.jpg").convert("RGB"))).permute(2, 0, 1)
        boxes, labels = [], []
        for item in ET.parse(f"{root}/Annotations/{name}.xml").getroot().iter("object"):
            box = [float(item.find("bndbox").find(side).text) for side in ("xmin", "ymin", "xmax", "ymax")]
            if box[2] > box[0] and box[3] > box[1]:
                boxes.append(box)
                labels.append(1 + classes.index(item.find("name").text))
        samples.append((image, torch.tensor(boxes).reshape(-1, 4), torch.tensor(labels, dtype=torch.long)))
    return samples


classes = open(f"{root}/labels.txt").read().split()
train, test = read("train", classes), read("test", classes)
augment = v2.Compose([v2.RandomIoUCrop(), v2.RandomHorizontalFlip(), v2.SanitizeBoundingBoxes()])

model = ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=1 + len(classes)).to(memory_format=torch.channels_last)
matrices = [p for p in model.parameters() if p.dim() > 1]
vectors = [p for p in model.parameters() if p.dim() <= 1]
optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0.0}], lr=RATE)
steps_per_epoch = len(train) // BATCH


def rate(step):
    warm = min(1, START + (1 - START) * step / WARMUP)
    return RATE * warm * (1 + math.cos(math.pi * step / (epochs * steps_per_epoch))) / 2


def evaluate():
    model.eval()
    images, annotations, detections = [], [], []
    for i, (image, boxes, labels) in enumerate(test):
        images.append({"id": i + 1, "width": image.shape[2], "height": image.shape[1]})
        for (x1, y1, x2, y2), label in zip(boxes.tolist(), labels.tolist()):
            annotations.append({"id": len(annotations) + 1, "image_id": i + 1, "category_id": label, "bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1), "iscrowd": 0})
        with torch.no_grad():
            found = model([image / 255])[0]
        for (x1, y1, x2, y2), label, score in zip(found["boxes"].tolist(), found["labels"].tolist(), found["scores"].tolist()):
            detections.append({"image_id": i + 1, "category_id": label, "bbox": [x1, y1, x2 - x1, y2 - y1], "score": score})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {"images": images, "annotations": annotations, "categories": [{"id": i + 1, "name": c} for i, c in enumerate(classes)], "info": {}, "licenses": []}
        truth.createIndex()
        result = COCOeval(truth, truth.loadRes(detections), "bbox")
        result.evaluate()
        result.accumulate()
        result.summarize()
    per_class = result.eval["precision"][0, :, :, 0, 2].mean(0)
    return result.stats[0], result.stats[1], dict(zip(classes, per_class.round(3).tolist()))


step, start, training = 0, time.time(), 0.0
for epoch in range(1, epochs + 1):
    model.train()
    before = time.time()
    order = random.sample(range(len(train)), len(train))
    losses = []
    for first in range(0, steps_per_epoch * BATCH, BATCH):
        images, targets = [], []
        for i in order[first : first + BATCH]:
            image, boxes, labels = train[i]
            sample = {"image": tv_tensors.Image(image), "boxes": tv_tensors.BoundingBoxes(boxes, format="XYXY", canvas_size=image.shape[1:]), "labels": labels}
            sample = augment(sample)
            images.append(sample["image"].as_subclass(torch.Tensor) / 255)
            targets.append({"boxes": sample["boxes"].as_subclass(torch.Tensor), "labels": sample["labels"]})
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        loss = sum(model(images, targets).values())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        step += 1
    training += time.time() - before
    line = f"epoch {epoch} step {step} loss {sum(losses) / len(losses):.3f} training {training:.0f} s"
    if epoch % 10 == 0 or epoch == epochs:
        mean, half, per_class = evaluate()
        line += f" | mAP {mean:.4f} AP50 {half:.4f} {per_class}"
    print(line, flush=True)
