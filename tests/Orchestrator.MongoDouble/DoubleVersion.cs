namespace Orchestrator.MongoDouble;

/// <summary>What differs between versions of the server.</summary>
internal sealed record DoubleVersion(Version Number)
{
    private static readonly (Version Since, int Wire)[] Wires =
    [
        (new(8, 2), 27), (new(8, 1), 26), (new(8, 0), 25), (new(7, 3), 24), (new(7, 0), 21), (new(6, 0), 17), (new(5, 0), 13),
        (new(4, 4), 9), (new(4, 2), 8), (new(4, 0), 7), (new(3, 6), 6), (new(3, 4), 5), (new(3, 2), 4), (new(3, 0), 3), (new(2, 6), 2),
    ];

    public static DoubleVersion Parse(string text)
    {
        var number = Version.Parse(text);
        return new DoubleVersion(new Version(number.Major, number.Minor, Math.Max(0, number.Build)));
    }

    public int MaxWire => Wires.First(entry => Number >= entry.Since).Wire;

    public bool HasMessages => Since(3, 6);

    /// <summary>Whether it takes commands other than hello in OP_QUERY.</summary>
    public bool HasQueries => !Since(5, 1);

    /// <summary>Whether it is SECONDARY while it compacts; else RECOVERING.</summary>
    public bool StaysSecondary => Since(5, 0, 3) || (Since(4, 4, 9) && !Since(5, 0)) || (Since(4, 2, 18) && !Since(4, 4));

    /// <summary>Whether it replicates while it compacts.</summary>
    public bool ReplicatesMeanwhile => Since(6, 0, 2) || (Since(5, 0, 12) && !Since(6, 0)) || (Since(4, 4, 17) && !Since(5, 0));

    public string Text => Number.ToString(3);

    public string Feature => Number.ToString(2);

    public bool Since(int major, int minor, int patch = 0) => Number >= new Version(major, minor, patch);
}
