/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps; what their values mean is in abi.h. */
#ifndef BLKTRACK_MAPS_H
#define BLKTRACK_MAPS_H

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct bt_about);
} about SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, BT_DISK_BUCKETS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct bt_disk);
} disks SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, BT_MAX_VOLUMES);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct bt_volume);
} volumes SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, BT_MAX_VOLUMES);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct bt_meta);
} meta SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, BT_MAX_DISKS);
    __type(key, __u32);
    __type(value, struct bt_counters);
} counters SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, BT_IN_TURNS);
    __type(key, __u32);
    __type(value, struct bt_made_up);
} made_up SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, BT_MAX_SIZES);
    __type(key, __u32);
    __type(value, struct bt_size);
} sizes SEC(".maps");

/*
 * Sizes, not types: before 6.2 a map that is described by BTF may not be the equal of one made without, which the
 * helper's are, and is refused as an inner map.
 */
struct epoch_map {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_MMAPABLE | BPF_F_INNER_MAP);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, sizeof(__u64));
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, BT_MAX_VOLUMES);
    __type(key, __u32);
    __array(values, struct epoch_map);
} epochs SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, BT_MAX_TAGS);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, __u64);
} tags SEC(".maps");

#define BT_MAX_HELD_BIOS 16384
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, BT_MAX_HELD_BIOS);
    __type(key, __u64);
    __type(value, struct bt_inflight);
} bios SEC(".maps");

#endif
