// Each class starts etcd processes of its own; more at a time would only make them slow.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
