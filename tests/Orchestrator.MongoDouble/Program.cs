using Orchestrator.MongoDouble;

if (args.Contains("--help"))
{
    Console.WriteLine(DoubleArguments.Help);
    return 0;
}

var arguments = new DoubleArguments(args);
var isStandalone = arguments.Text("standalone", "false") == "true";
var name = isStandalone ? "" : arguments.Text("replica-set", "rs0");
var port = arguments.Number("port", 27017);
var count = isStandalone ? 1 : arguments.Number("members", 3);
var members = Enumerable.Range(0, count + (isStandalone ? 0 : arguments.Number("arbiters", 0)))
    .Select(index => new DoubleMemberOptions { Port = port + index, IsArbiter = index >= count });
await using var set = new DoubleReplicaSet(name, arguments.Text("version", "7.0"), [.. members]) { ElectionTime = TimeSpan.FromSeconds(2) };
foreach (var member in set.Members)
{
    member.CompactTime = TimeSpan.FromSeconds(arguments.Number("compact-seconds", 5));
}

if (arguments.Text("user", "") is { Length: > 0 } user)
{
    set.Users[user] = new DoubleUser(user, arguments.Text("password", ""));
}

DoubleSamples.Fill(set);
Console.WriteLine($"mongodb://{string.Join(',', set.Members.Where(member => !member.Options.IsArbiter).Select(member => member.Address))}/"
    + (isStandalone ? "" : $"?replicaSet={name}"));
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
