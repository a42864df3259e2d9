// Every test starts several processes; one after the other is fast enough and keeps their timing honest.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
