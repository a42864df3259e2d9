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
}
