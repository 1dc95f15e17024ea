# The ground-truth engine: a static program on the helper's own objects, so that it runs in any guest.
#   make -C src/test/c -f groundtruth.mk OUT=FOLDER     OUT is the folder of the helper's objects too
OUT ?= ../../../target/native
MAIN := ../../main/c
CC ?= gcc
CFLAGS ?= -O2 -g
ALL_CFLAGS := -std=gnu11 -Wall -Wextra -Werror -Wno-format-truncation -D_GNU_SOURCE -I$(MAIN) $(CFLAGS)

# The test breaks the tracker on purpose: these functions are its own to wrap (groundtruth_sabotage.c).
WRAPPED := inflight_carry accounting_discards_done
SOURCES := $(wildcard groundtruth*.c)
OBJECTS := $(SOURCES:%.c=$(OUT)/%.o)
TRACKER = $(OUT)/libblktrack.a

all: $(OUT)/groundtruth $(OUT)/passthrough_check

helper:
	$(MAKE) -s -C $(MAIN) OUT=$(abspath $(OUT))

$(OBJECTS): $(OUT)/%.o: %.c $(wildcard groundtruth*.h $(MAIN)/*/*.h) | helper
	$(CC) $(ALL_CFLAGS) -c $< -o $@

$(OUT)/passthrough_check: passthrough_check.c $(OBJECTS) helper
	$(CC) -static $(ALL_CFLAGS) $< $(filter-out %/groundtruth.o,$(OBJECTS)) $(TRACKER) $(WRAPPED:%=-Wl,--wrap=%) -lbpf -lelf -lz -lpthread -o $@

$(OUT)/groundtruth: $(OBJECTS) helper
	$(CC) -static $(ALL_CFLAGS) $(OBJECTS) $(TRACKER) $(WRAPPED:%=-Wl,--wrap=%) -lbpf -lelf -lz -lpthread -o $@

.PHONY: all helper
