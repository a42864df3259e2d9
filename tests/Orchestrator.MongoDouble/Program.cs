using Orchestrator.MongoDouble;

if (args.Contains("--help"))
{
    Console.WriteLine(DoubleArguments.Help);
    return 0;
}

await using var cluster = new DoubleCluster(new DoubleArguments(args));
Console.WriteLine(cluster.Uri);
Console.WriteLine("Ctrl+C ends it.");
var end = new TaskCompletionSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    end.TrySetResult();
};
AppDomain.CurrentDomain.ProcessExit += (_, _) => end.TrySetResult();
await end.Task;
return 0;
