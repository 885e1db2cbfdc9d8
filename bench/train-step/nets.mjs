/**
 * Every network that both sides have: our name, torchvision's, how many pictures a step, and for detectors the sides that pictures are
 * brought to where a network takes any size. Batches fit a machine with 24 GB.
 */
export const nets = [
  { name: "ssdlite320", peer: "ssdlite320_mobilenet_v3_large", batch: 16 },
  { name: "ssdlite320-fulltail", peer: "ssdlite320_mobilenet_v3_large", batch: 16, fullTail: true },
  { name: "ssd300-vgg16", peer: "ssd300_vgg16", batch: 4 },
  { name: "retinanet-resnet50", peer: "retinanet_resnet50_fpn", batch: 2, sides: [320, 533] },
  { name: "retinanet-resnet50-v2", peer: "retinanet_resnet50_fpn_v2", batch: 2, sides: [320, 533] },
  { name: "vgg16", peer: "vgg16", batch: 8, classifier: true },
  { name: "resnet50", peer: "resnet50", batch: 8, classifier: true },
  { name: "mobilenet-v2", peer: "mobilenet_v2", batch: 16, classifier: true },
  { name: "mobilenet-v3-large", peer: "mobilenet_v3_large", batch: 16, classifier: true },
  { name: "squeezenet1-1", peer: "squeezenet1_1", batch: 16, classifier: true },
  { name: "shufflenet-v2", peer: "shufflenet_v2_x1_0", batch: 16, classifier: true },
];
