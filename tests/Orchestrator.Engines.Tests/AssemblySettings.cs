// Classes that start etcd processes of their own wait for them most of the time; more at a time would only make them slow.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
