module riptide.dev/bench/tools

go 1.26.0
