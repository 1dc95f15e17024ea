/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled BPF programs, byte for byte, in the helper's read-only data. */
    .section .rodata
    .balign 8
    .global bpf_object_start, bpf_object_end
bpf_object_start:
    .incbin BPF_OBJECT
bpf_object_end:
    .byte 0
    .section .note.GNU-stack, "", @progbits
