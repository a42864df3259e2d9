namespace Orchestrator.Core.Runs.Checks;

/// <summary>Names of the checks that are made before every step.</summary>
public static class CheckNames
{
    public const string MembersHealthy = "members-healthy";
    public const string MajorityKept = "majority-kept";
    public const string OneMemberOut = "one-member-out";
    public const string LagWithinLimit = "lag-within-limit";
    public const string DiskSpace = "disk-space";
    public const string ExpectedPrimary = "expected-primary";
    public const string WorthIt = "worth-it";
    public const string SuccessorReady = "successor-ready";
    public const string BackupIdle = "backup-idle";
    public const string WindowOpen = "window-open";
    public const string FitsInWindow = "fits-in-window";
    public const string NotFrozen = "not-frozen";
    public const string NotHeld = "not-held";
    public const string MemberFree = "member-free";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. typeof(CheckNames).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)];

    /// <summary>Whether a check looks at what people have set, or at what the run itself has at work, not at the cluster. However long such a check fails, the step does not.</summary>
    public static bool IsGate(string check) => check is WindowOpen or FitsInWindow or NotFrozen or NotHeld or MemberFree;
}
