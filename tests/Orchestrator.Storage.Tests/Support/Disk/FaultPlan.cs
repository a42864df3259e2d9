namespace Orchestrator.Storage.Tests.Support.Disk;

/// <summary>What fails, and for how long.</summary>
internal enum FaultKind
{
    /// <summary>One call of any kind but reading.</summary>
    OneCall,

    /// <summary>One write, because the disk is full for a moment.</summary>
    OneWriteFull,

    /// <summary>One write, after half of it.</summary>
    OneWriteShort,

    /// <summary>One read.</summary>
    OneRead,

    /// <summary>All writes from one on, until the fault is lifted: the first is short.</summary>
    FullFromThenOn,

    /// <summary>Every call that changes anything from one on, until the collection is opened anew.</summary>
    BrokenFromThenOn,
}

/// <summary>Has the n-th call that it counts fail.</summary>
internal sealed class FaultPlan(FaultKind kind, int at)
{
    public FaultKind Kind => kind;

    /// <summary>Only calls for SQLite's files without a name count.</summary>
    public bool OnlyTemporaryFiles { get; init; }

    /// <summary>Calls so far that could have failed.</summary>
    public int Calls { get; private set; }

    /// <summary>The first call that failed; null = none.</summary>
    public string? Failed { get; private set; }

    public DiskFault Decide(DiskCall call, string path)
    {
        if (!Counts(call) || (OnlyTemporaryFiles && path != WatchedDisk.TemporaryFile))
        {
            return DiskFault.None;
        }

        Calls++;
        var lasts = kind is FaultKind.FullFromThenOn or FaultKind.BrokenFromThenOn;
        if (Calls < at || (Calls > at && !lasts))
        {
            return DiskFault.None;
        }

        Failed ??= $"{call} {Path.GetFileName(path)}";
        return kind switch
        {
            FaultKind.OneWriteFull => DiskFault.Full,
            FaultKind.OneWriteShort => DiskFault.Short,
            FaultKind.FullFromThenOn => Calls == at ? DiskFault.Short : DiskFault.Full,
            _ => DiskFault.Error,
        };
    }

    private bool Counts(DiskCall call) => kind switch
    {
        FaultKind.OneCall or FaultKind.BrokenFromThenOn => call != DiskCall.Read,
        FaultKind.OneRead => call == DiskCall.Read,
        _ => call == DiskCall.Write,
    };
}
