/**
 * The operators that get a typed wrapper: `name.overload` as libtorch has it; `a|b` makes one wrapper of two overloads,
 * told apart by a missing argument or by tensor against number. `npm run generate` turns the list into ops.generated.ts.
 */
const words = (text: string): string[] => text.trim().split(/\s+/);

export const methods = [
  // arithmetic
  ...words(`
    add.Tensor|add.Scalar add_.Tensor|add_.Scalar sub.Tensor|sub.Scalar sub_.Tensor|sub_.Scalar mul.Tensor|mul.Scalar
    mul_.Tensor|mul_.Scalar div.Tensor|div.Scalar div_.Tensor|div_.Scalar pow.Tensor_Scalar|pow.Tensor_Tensor
    remainder.Scalar|remainder.Tensor floor_divide|floor_divide.Scalar addcmul addcmul_ addcdiv_ lerp.Scalar|lerp.Tensor
    lerp_.Scalar|lerp_.Tensor matmul mm neg abs exp expm1 log log1p sqrt rsqrt square reciprocal atan floor ceil round sign clamp
    clamp_ clamp_min clamp_min_ clamp_max maximum minimum
  `),
  // comparison and logic
  ...words(`
    eq.Tensor|eq.Scalar ne.Tensor|ne.Scalar lt.Tensor|lt.Scalar le.Tensor|le.Scalar gt.Tensor|gt.Scalar ge.Tensor|ge.Scalar
    logical_and logical_or logical_not isnan isfinite equal
  `),
  // reductions
  ...words(`
    sum|sum.dim_IntList mean|mean.dim amax amin max|max.dim min|min.dim argmax argmin all|all.dim any|any.dim cumsum var.dim
    norm.ScalarOpt_dim logsumexp
  `),
  // order and selection
  ...words(`
    topk sort|sort.stable argsort gather scatter.src|scatter.value scatter_.src|scatter_.value scatter_add_ index_select
    index.Tensor index_put_ masked_fill.Scalar|masked_fill.Tensor masked_fill_.Scalar|masked_fill_.Tensor masked_select nonzero
    select.int slice.Tensor narrow unbind.int split.Tensor split_with_sizes chunk where.self bincount
  `),
  // shape
  ...words(`
    view reshape permute transpose.int flatten.using_ints squeeze|squeeze.dim unsqueeze expand repeat contiguous as_strided flip
  `),
  // copies and conversions
  ...words(`
    clone detach detach_ copy_ to.dtype item
  `),
  // activations that read well as methods
  ...words(`
    relu relu_ sigmoid softmax.int log_softmax.int tanh hardswish hardsigmoid silu
  `),
  // in-place filling
  ...words(`
    fill_.Scalar|fill_.Tensor zero_ normal_ uniform_ bernoulli_.float
  `),
];

export const functions = [
  // layers
  ...words(`
    conv2d batch_norm group_norm linear max_pool2d avg_pool2d adaptive_avg_pool2d dropout relu6 hardtanh hardtanh_ hardswish_
    leaky_relu gelu upsample_nearest2d upsample_bilinear2d pad softplus
  `),
  // losses
  ...words(`
    cross_entropy_loss binary_cross_entropy_with_logits smooth_l1_loss l1_loss huber_loss mse_loss nll_loss
  `),
  // making
  ...words(`
    empty.memory_format zeros ones full zeros_like ones_like empty_like full_like arange.start_step linspace eye rand.generator
    randn.generator randint.low_generator randperm.generator cat stack meshgrid.indexing scalar_tensor
  `),
  // lists of tensors at once: the optimizers
  ...words(`
    _foreach_add_.List|_foreach_add_.Scalar _foreach_mul_.List|_foreach_mul_.Scalar _foreach_div_.List|_foreach_div_.Scalar
    _foreach_sub_.List _foreach_mul.Scalar _foreach_add.List _foreach_div.Scalar _foreach_addcmul_.Scalar
    _foreach_addcdiv_.Scalar _foreach_sqrt _foreach_zero_ _foreach_maximum_.List
  `),
];
