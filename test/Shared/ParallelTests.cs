// Every test may run beside every other: ports are chosen by the system, folders are made per test.
[assembly: Parallelize(Scope = ExecutionScope.MethodLevel)]
