using System.Runtime.InteropServices;
using Orchestrator.CouchDouble;

if (args.Contains("--help"))
{
    Console.WriteLine(DoubleArguments.Help);
    return 0;
}

var arguments = new DoubleArguments(args);
await using var cluster = await DoubleCluster.Start([.. Enumerable.Range(arguments.Number("port", 5984), arguments.Number("nodes", 3))]);
foreach (var node in cluster.Nodes)
{
    node.CompactTime = TimeSpan.FromSeconds(arguments.Number("compact-seconds", 5));
}

if (arguments.Text("user", "") is { Length: > 0 } user)
{
    cluster.Administrators[user] = arguments.Text("password", "");
}

DoubleSamples.Fill(cluster, arguments.Number("databases", 0));
Console.WriteLine(string.Join(Environment.NewLine, cluster.Nodes.Select(node => $"{node.Name} {node.Address}")));
Console.WriteLine("Ctrl+C ends it.");
var end = new TaskCompletionSource();

// The servers' hosts take these signals too, and end only themselves.
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
await end.Task;
return 0;

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    end.TrySetResult();
}
