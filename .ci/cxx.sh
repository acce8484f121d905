#!/bin/sh
# A C++ compiler for setuptools, which compiles an extension's files one after the other: each file is
# compiled in the background, at most CXX_JOBS at once, and the link waits for all of them.
#
# A job keeps its slot by holding the lock on the slot's file in CXX_SLOTS. One that fails leaves no
# object file behind, so the link fails, and the compiler's words stand in the log above.
slots=$(seq "$CXX_JOBS")
case " $* " in
*" -c "*)
    while :; do
        for slot in $slots; do
            exec 9>"$CXX_SLOTS/$slot"
            if flock -n 9; then
                g++ "$@" &
                exit 0
            fi
        done
        sleep 0.1
    done
    ;;
esac
for slot in $slots; do
    exec 9>"$CXX_SLOTS/$slot"
    flock 9
done
exec g++ "$@"
