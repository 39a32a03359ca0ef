// Included before every file of ggml's Vulkan backend (see ../build.rs): what it names and Vulkan's
// headers before 1.3.272 do not have, as on Debian 12.
//
// The backend fills in these structures for a validation layer that it does not switch on, so that
// they only have to exist with the layout that the specification of VK_EXT_layer_settings gives.

#pragma once

#include <cstdint>
#include <vector>

#include <vulkan/vulkan_core.h>

#ifndef VK_EXT_layer_settings

namespace vk {

enum class LayerSettingTypeEXT : int32_t { eBool32 = 0 };

struct LayerSettingEXT {
    const char * layer;
    const char * setting;
    LayerSettingTypeEXT type;
    uint32_t value_count;
    const void * values;
};

struct LayerSettingsCreateInfoEXT {
    int32_t structure_type = 1000496000;
    const void * next = nullptr;
    uint32_t setting_count;
    const LayerSettingEXT * settings;

    explicit LayerSettingsCreateInfoEXT(const std::vector<LayerSettingEXT> & all)
        : setting_count(static_cast<uint32_t>(all.size())), settings(all.data()) {}
};

} // namespace vk

#endif
