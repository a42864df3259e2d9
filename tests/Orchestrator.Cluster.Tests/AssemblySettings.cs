// Every test starts several processes, which wait for each other most of the time; more at a time would be taken for failures.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
