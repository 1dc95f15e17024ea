# The tools of ./bench. OUT: where they go; NATIVE: where the helper's objects are.
OUT ?= ../../../target/bench
NATIVE ?= ../../../target/native
HELPER_OBJECTS = $(filter-out $(NATIVE)/main.o $(NATIVE)/blktrack.bpf.o,$(wildcard $(NATIVE)/*.o))
CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE

all: $(OUT)/tracked $(OUT)/marking_cost $(OUT)/empty.bpf.o

$(OUT)/tracked: tracked.c $(HELPER_OBJECTS)
	$(CC) -static $(CFLAGS) -o $@ $^ -lbpf -lelf -lz

$(OUT)/marking_cost: marking_cost.c
	$(CC) $(CFLAGS) -o $@ $^ -lbpf -lelf -lz

$(OUT)/empty.bpf.o: ../bpf/empty.bpf.c
	clang -g -O2 -target bpf -mcpu=v3 -Wall -Werror -c $< -o $@
