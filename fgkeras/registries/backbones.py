"""Bodies: raw pixels in, feature map out."""

import dataclasses

from fgkeras.registry import Entry
from fgkeras.registry import Fact
from fgkeras.registry import Registry

# Name -> the function of a shape that builds it.
# family: "own" is such a function; the others are classes of
# keras.applications, by what they expect to be done to raw pixels: "symmetric"
# x / 127.5 - 1, "normalized" mean 0 and deviation 1 over ImageNet, "bgr" mean 0
# in blue-green-red order, "inside" nothing.
# side: of the input where none was asked for; None: as of any body.
# batch_norm: whether it has layers of batch normalization.
# parameters: of the body, without a head, which `fgkeras backbones` shows.
_FAMILIES = ("own", "symmetric", "normalized", "bgr", "inside")
_PARAMETERS = {
    "small_cnn": 408_416,
    "squeezenet": 722_496,
    "cifar_resnet20": 270_448,
    "cifar_resnet32": 465_776,
    "cifar_resnet56": 856_432,
    "inception_resnet_v2": 54_336_736,
    "inception_v3": 21_802_784,
    "mobilenet": 3_228_864,
    "mobilenet_v2": 2_257_984,
    "nasnet_mobile": 4_269_716,
    "resnet50_v2": 23_564_800,
    "resnet101_v2": 42_626_560,
    "resnet152_v2": 58_331_648,
    "xception": 20_861_480,
    "densenet121": 7_037_504,
    "densenet169": 12_642_880,
    "densenet201": 18_321_984,
    "resnet50": 23_587_712,
    "resnet101": 42_658_176,
    "resnet152": 58_370_944,
    "vgg16": 14_714_688,
    "vgg19": 20_024_384,
    "convnext_base": 87_566_464,
    "convnext_large": 196_230_336,
    "convnext_small": 49_454_688,
    "convnext_tiny": 27_820_128,
    "convnext_xlarge": 348_147_968,
    "efficientnet_b0": 4_049_571,
    "efficientnet_b1": 6_575_239,
    "efficientnet_b2": 7_768_569,
    "efficientnet_b3": 10_783_535,
    "efficientnet_b4": 17_673_823,
    "efficientnet_b5": 28_513_527,
    "efficientnet_b6": 40_960_143,
    "efficientnet_b7": 64_097_687,
    "efficientnet_v2_b0": 5_919_312,
    "efficientnet_v2_b1": 6_931_124,
    "efficientnet_v2_b2": 8_769_374,
    "efficientnet_v2_b3": 12_930_622,
    "efficientnet_v2_l": 117_746_848,
    "efficientnet_v2_m": 53_150_388,
    "efficientnet_v2_s": 20_331_360,
    "mobilenet_v3_large": 2_996_352,
    "mobilenet_v3_small": 939_120,
}


def _keras(name, family, **facts):
    return Entry(
        f"keras.applications:{name}", facts={"family": family, **facts}
    )


_PLAIN = {"batch_norm": False}
_ENTRIES = {
    "small_cnn": Entry("fgkeras.models.small_cnn:build_small_cnn"),
    "squeezenet": Entry(
        "fgkeras.models.squeezenet:build_squeezenet", (), _PLAIN
    ),
    "cifar_resnet20": Entry(
        "fgkeras.models.cifar_resnet:cifar_resnet20", (), {"side": 32}
    ),
    "cifar_resnet32": Entry(
        "fgkeras.models.cifar_resnet:cifar_resnet32", (), {"side": 32}
    ),
    "cifar_resnet56": Entry(
        "fgkeras.models.cifar_resnet:cifar_resnet56", (), {"side": 32}
    ),
    "inception_resnet_v2": _keras("InceptionResNetV2", "symmetric"),
    "inception_v3": _keras("InceptionV3", "symmetric"),
    "mobilenet": _keras("MobileNet", "symmetric"),
    "mobilenet_v2": _keras("MobileNetV2", "symmetric"),
    "nasnet_mobile": _keras("NASNetMobile", "symmetric"),
    "resnet50_v2": _keras("ResNet50V2", "symmetric"),
    "resnet101_v2": _keras("ResNet101V2", "symmetric"),
    "resnet152_v2": _keras("ResNet152V2", "symmetric"),
    "xception": _keras("Xception", "symmetric"),
    "densenet121": _keras("DenseNet121", "normalized"),
    "densenet169": _keras("DenseNet169", "normalized"),
    "densenet201": _keras("DenseNet201", "normalized"),
    "resnet50": _keras("ResNet50", "bgr"),
    "resnet101": _keras("ResNet101", "bgr"),
    "resnet152": _keras("ResNet152", "bgr"),
    "vgg16": _keras("VGG16", "bgr", **_PLAIN),
    "vgg19": _keras("VGG19", "bgr", **_PLAIN),
    "convnext_base": _keras("ConvNeXtBase", "inside", **_PLAIN),
    "convnext_large": _keras("ConvNeXtLarge", "inside", **_PLAIN),
    "convnext_small": _keras("ConvNeXtSmall", "inside", **_PLAIN),
    "convnext_tiny": _keras("ConvNeXtTiny", "inside", **_PLAIN),
    "convnext_xlarge": _keras("ConvNeXtXLarge", "inside", **_PLAIN),
    "efficientnet_b0": _keras("EfficientNetB0", "inside"),
    "efficientnet_b1": _keras("EfficientNetB1", "inside"),
    "efficientnet_b2": _keras("EfficientNetB2", "inside"),
    "efficientnet_b3": _keras("EfficientNetB3", "inside"),
    "efficientnet_b4": _keras("EfficientNetB4", "inside"),
    "efficientnet_b5": _keras("EfficientNetB5", "inside"),
    "efficientnet_b6": _keras("EfficientNetB6", "inside"),
    "efficientnet_b7": _keras("EfficientNetB7", "inside"),
    "efficientnet_v2_b0": _keras("EfficientNetV2B0", "inside"),
    "efficientnet_v2_b1": _keras("EfficientNetV2B1", "inside"),
    "efficientnet_v2_b2": _keras("EfficientNetV2B2", "inside"),
    "efficientnet_v2_b3": _keras("EfficientNetV2B3", "inside"),
    "efficientnet_v2_l": _keras("EfficientNetV2L", "inside"),
    "efficientnet_v2_m": _keras("EfficientNetV2M", "inside"),
    "efficientnet_v2_s": _keras("EfficientNetV2S", "inside"),
    "mobilenet_v3_large": _keras("MobileNetV3Large", "inside"),
    "mobilenet_v3_small": _keras("MobileNetV3Small", "inside"),
}
BACKBONES = Registry(
    "backbone",
    {
        name: dataclasses.replace(
            entry, facts={**entry.facts, "parameters": _PARAMETERS.get(name)}
        )
        for name, entry in _ENTRIES.items()
    },
    options=(),
    facts={
        "family": Fact("own", _FAMILIES),
        "side": Fact(None),
        "batch_norm": Fact(True, (True, False)),
        "parameters": Fact(None),
    },
)
