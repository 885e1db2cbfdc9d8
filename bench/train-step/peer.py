"""Times torchvision's own training step: transform, forward, matching and loss, backward, SGD. Prints one JSON line."""
import json
import sys
import time

import torch


def define_missing_nms():
    """A torchvision whose own library does not load beside this torch cannot even be imported; its training step needs no NMS."""
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


try:
    import torchvision
except (RuntimeError, OSError):
    kept = define_missing_nms()
    import torchvision

job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
torch.manual_seed(0)
device = torch.device(job["device"])


def channels_last_batches(transform):
    def transformed(*arguments):
        batch, boxes = transform(*arguments)
        batch.tensors = batch.tensors.contiguous(memory_format=torch.channels_last)
        return batch, boxes

    return transformed


def classification():
    model = getattr(torchvision.models, job["peer"])(weights=None, num_classes=job["classes"]).train()
    images = torch.rand(job["batch"], 3, 224, 224, device=device)
    if job["channelsLast"]:
        images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, job["classes"], (job["batch"],), device=device)
    return model, lambda: torch.nn.functional.cross_entropy(model(images), labels)


def detection():
    options = {"weights": None, "weights_backbone": None, "num_classes": job["classes"]}
    if job.get("sides"):
        options["min_size"], options["max_size"] = job["sides"]
    if job.get("fullTail"):  # the tail is reduced unless backbone weights are given
        from torchvision.models import mobilenetv3
        from torchvision.models.detection import ssdlite

        full = mobilenetv3.mobilenet_v3_large
        ssdlite.mobilenet_v3_large = lambda **given: full(**{**given, "reduced_tail": False})
    model = getattr(torchvision.models.detection, job["peer"])(**options).train()
    images = [torch.rand(3, job["height"], job["width"], device=device) for _ in range(job["batch"])]
    corner = torch.rand(job["batch"], job["boxes"], 2) * torch.tensor([job["width"] - 101.0, job["height"] - 101.0])
    size = 20 + 80 * torch.rand(job["batch"], job["boxes"], 2)
    labels = torch.randint(1, job["classes"], (job["batch"], job["boxes"]))
    boxes = torch.cat([corner, corner + size], 2).to(device)
    targets = [{"boxes": b, "labels": l} for b, l in zip(boxes, labels.to(device))]
    if job["channelsLast"]:
        model.transform.forward = channels_last_batches(model.transform.forward)
    return model, lambda: sum(model(images, targets).values())


model, loss_of_batch = classification() if job.get("classifier") else detection()
model = model.to(device)
if job["channelsLast"]:
    model = model.to(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, weight_decay=4e-5)

times = []
for _ in range(job["warmup"] + job["steps"]):
    start = time.perf_counter()
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=job["bf16"]):
        loss = loss_of_batch()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    times.append(1000 * (time.perf_counter() - start))
print(json.dumps({"version": torch.__version__, "torchvision": torchvision.__version__, "times": times[job["warmup"] :]}))
