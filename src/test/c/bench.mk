# The tools of ./bench. OUT: where they go; NATIVE: where libblktrack.a is.
OUT ?= ../../../target/bench
NATIVE ?= ../../../target/native
LIBRARY = $(NATIVE)/libblktrack.a
CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -I../../main/c

all: $(OUT)/tracked $(OUT)/bench_table $(OUT)/agent_talk $(OUT)/marking_cost $(OUT)/empty.bpf.o

$(OUT)/tracked: tracked.c $(LIBRARY)
	$(CC) -static $(CFLAGS) -o $@ $^ -lbpf -lelf -lz

$(OUT)/bench_table: bench_table.c $(LIBRARY)
	$(CC) -static $(CFLAGS) -o $@ $^ -lbpf -lelf -lz

$(OUT)/agent_talk: agent_talk.c
	$(CC) -static $(CFLAGS) -o $@ $^

$(OUT)/marking_cost: marking_cost.c
	$(CC) $(CFLAGS) -o $@ $^ -lbpf -lelf -lz

$(OUT)/empty.bpf.o: ../bpf/empty.bpf.c
	clang -g -O2 -target bpf -mcpu=v3 -Wall -Werror -c $< -o $@
