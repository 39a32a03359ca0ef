// A layer of the Vulkan loader, below a program and above the real driver, that makes the driver fail
// when a test says so: as a card that is lost, or out of memory. Compiled and switched on by
// ../src/gpu.rs, with the variables that the loader itself documents.
//
// The file that FAILING_LAYER_FILE names says what fails, by its first letter: `l`ost, out of
// `m`emory, or `a`bort, which ends the process. Without the file everything goes to the driver.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vulkan/vk_layer.h>

static PFN_vkGetInstanceProcAddr next_instance_proc;
static PFN_vkGetDeviceProcAddr next_device_proc;
// One device: the tests open no second one.
static PFN_vkAllocateMemory next_allocate;
static PFN_vkGetFenceStatus next_fence_status;
static PFN_vkQueueSubmit next_submit;
static PFN_vkWaitForFences next_wait;

static int fails_by(int letter) {
    const char *path = getenv("FAILING_LAYER_FILE");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file) {
        return 0;
    }
    const int said = fgetc(file);
    fclose(file);
    return said == letter;
}

static VKAPI_ATTR VkResult VKAPI_CALL allocate(VkDevice device, const VkMemoryAllocateInfo *info,
                                               const VkAllocationCallbacks *allocator, VkDeviceMemory *memory) {
    return fails_by('m') ? VK_ERROR_OUT_OF_DEVICE_MEMORY : next_allocate(device, info, allocator, memory);
}

static VKAPI_ATTR VkResult VKAPI_CALL submit(VkQueue queue, uint32_t count, const VkSubmitInfo *infos, VkFence fence) {
    if (fails_by('a')) {
        abort();
    }
    return fails_by('l') ? VK_ERROR_DEVICE_LOST : next_submit(queue, count, infos, fence);
}

static VKAPI_ATTR VkResult VKAPI_CALL fence_status(VkDevice device, VkFence fence) {
    if (fails_by('a')) {
        abort();
    }
    return fails_by('l') ? VK_ERROR_DEVICE_LOST : next_fence_status(device, fence);
}

static VKAPI_ATTR VkResult VKAPI_CALL wait(VkDevice device, uint32_t count, const VkFence *fences, VkBool32 all,
                                           uint64_t timeout_ns) {
    return fails_by('l') ? VK_ERROR_DEVICE_LOST : next_wait(device, count, fences, all, timeout_ns);
}

static VKAPI_ATTR VkResult VKAPI_CALL create_instance(const VkInstanceCreateInfo *info,
                                                      const VkAllocationCallbacks *allocator, VkInstance *instance) {
    VkLayerInstanceCreateInfo *link = (VkLayerInstanceCreateInfo *)info->pNext;
    while (link && !(link->sType == VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO && link->function == VK_LAYER_LINK_INFO)) {
        link = (VkLayerInstanceCreateInfo *)link->pNext;
    }
    if (!link) {
        return VK_ERROR_INITIALIZATION_FAILED;
    }
    next_instance_proc = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    const PFN_vkCreateInstance next = (PFN_vkCreateInstance)next_instance_proc(VK_NULL_HANDLE, "vkCreateInstance");
    return next(info, allocator, instance);
}

static VKAPI_ATTR VkResult VKAPI_CALL create_device(VkPhysicalDevice card, const VkDeviceCreateInfo *info,
                                                    const VkAllocationCallbacks *allocator, VkDevice *device) {
    VkLayerDeviceCreateInfo *link = (VkLayerDeviceCreateInfo *)info->pNext;
    while (link && !(link->sType == VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO && link->function == VK_LAYER_LINK_INFO)) {
        link = (VkLayerDeviceCreateInfo *)link->pNext;
    }
    if (!link) {
        return VK_ERROR_INITIALIZATION_FAILED;
    }
    const PFN_vkGetInstanceProcAddr instance_proc = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    next_device_proc = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    const PFN_vkCreateDevice next = (PFN_vkCreateDevice)instance_proc(VK_NULL_HANDLE, "vkCreateDevice");
    const VkResult result = next(card, info, allocator, device);
    if (result == VK_SUCCESS) {
        next_allocate = (PFN_vkAllocateMemory)next_device_proc(*device, "vkAllocateMemory");
        next_fence_status = (PFN_vkGetFenceStatus)next_device_proc(*device, "vkGetFenceStatus");
        next_submit = (PFN_vkQueueSubmit)next_device_proc(*device, "vkQueueSubmit");
        next_wait = (PFN_vkWaitForFences)next_device_proc(*device, "vkWaitForFences");
    }
    return result;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL device_proc(VkDevice device, const char *name);
static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL instance_proc(VkInstance instance, const char *name);

static PFN_vkVoidFunction ours(const char *name) {
    const struct {
        const char *name;
        PFN_vkVoidFunction function;
    } all[] = {
        {"vkAllocateMemory", (PFN_vkVoidFunction)allocate},
        {"vkCreateDevice", (PFN_vkVoidFunction)create_device},
        {"vkCreateInstance", (PFN_vkVoidFunction)create_instance},
        {"vkGetDeviceProcAddr", (PFN_vkVoidFunction)device_proc},
        {"vkGetFenceStatus", (PFN_vkVoidFunction)fence_status},
        {"vkGetInstanceProcAddr", (PFN_vkVoidFunction)instance_proc},
        {"vkQueueSubmit", (PFN_vkVoidFunction)submit},
        {"vkWaitForFences", (PFN_vkVoidFunction)wait},
    };
    for (size_t index = 0; index < sizeof all / sizeof all[0]; index++) {
        if (strcmp(all[index].name, name) == 0) {
            return all[index].function;
        }
    }
    return NULL;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL device_proc(VkDevice device, const char *name) {
    const PFN_vkVoidFunction own = ours(name);
    return own ? own : next_device_proc(device, name);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL instance_proc(VkInstance instance, const char *name) {
    const PFN_vkVoidFunction own = ours(name);
    return own ? own : next_instance_proc(instance, name);
}

__attribute__((visibility("default"))) VKAPI_ATTR VkResult VKAPI_CALL
vkNegotiateLoaderLayerInterfaceVersion(VkNegotiateLayerInterface *interface) {
    interface->loaderLayerInterfaceVersion = 2;
    interface->pfnGetInstanceProcAddr = instance_proc;
    interface->pfnGetDeviceProcAddr = device_proc;
    interface->pfnGetPhysicalDeviceProcAddr = NULL;
    return VK_SUCCESS;
}
