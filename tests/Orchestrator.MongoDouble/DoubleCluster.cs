namespace Orchestrator.MongoDouble;

/// <summary>What the command line asks for: a replica set, a standalone, or a mongos with its shards.</summary>
internal sealed class DoubleCluster : IAsyncDisposable
{
    private readonly DoubleArguments _arguments;
    private readonly List<DoubleReplicaSet> _sets = [];
    private int _nextPort;

    public DoubleCluster(DoubleArguments arguments)
    {
        _arguments = arguments;
        _nextPort = arguments.Number("port", 27017);
        var shards = arguments.Number("shards", 0);
        if (shards > 0)
        {
            var router = new DoubleMemberOptions { Port = _nextPort++ };
            var behind = Enumerable.Range(1, shards).Select(number => ReplicaSet($"shard-{number}")).ToList();
            var config = ReplicaSet("config", isConfigServer: true);
            Uri = $"mongodb://{Add(new DoubleReplicaSet("", Version, router) { Shards = behind, ConfigServers = config }).Members[0].Address}/";
        }
        else if (arguments.Text("standalone", "false") == "true")
        {
            Uri = $"mongodb://{Fill(new DoubleReplicaSet("", Version, new DoubleMemberOptions { Port = _nextPort })).Members[0].Address}/";
        }
        else
        {
            var set = ReplicaSet(arguments.Text("replica-set", "rs0"));
            Uri = $"mongodb://{string.Join(',', set.Members.Where(member => !member.Options.IsArbiter).Select(member => member.Address))}/?replicaSet={set.Name}";
        }
    }

    /// <summary>The connection string for clients.</summary>
    public string Uri { get; }

    private string Version => _arguments.Text("version", "7.0");

    public async ValueTask DisposeAsync()
    {
        foreach (var set in _sets)
        {
            await set.DisposeAsync();
        }
    }

    private DoubleReplicaSet ReplicaSet(string name, bool isConfigServer = false)
    {
        var count = _arguments.Number("members", 3);
        var members = Enumerable.Range(0, count + _arguments.Number("arbiters", 0))
            .Select(index => new DoubleMemberOptions { Port = _nextPort++, IsArbiter = index >= count })
            .ToList();
        var set = new DoubleReplicaSet(name, Version, members) { IsConfigServer = isConfigServer };
        return isConfigServer ? Add(set) : Fill(set);
    }

    private DoubleReplicaSet Fill(DoubleReplicaSet set)
    {
        DoubleSamples.Fill(set);
        return Add(set);
    }

    private DoubleReplicaSet Add(DoubleReplicaSet set)
    {
        set.ElectionTime = TimeSpan.FromSeconds(2);
        set.Tell = Console.WriteLine;
        if (_arguments.Text("user", "") is { Length: > 0 } user)
        {
            set.Users[user] = new DoubleUser(user, _arguments.Text("password", ""));
        }

        foreach (var member in set.Members)
        {
            member.CompactTime = TimeSpan.FromSeconds(_arguments.Number("compact-seconds", 5));
        }

        _sets.Add(set);
        return set;
    }
}
