namespace Orchestrator.MongoDouble;

/// <summary>States of members, as <c>replSetGetStatus</c> numbers them.</summary>
internal static class MemberStates
{
    public const int Startup = 0;
    public const int Primary = 1;
    public const int Secondary = 2;
    public const int Recovering = 3;
    public const int Startup2 = 5;
    public const int Unknown = 6;
    public const int Arbiter = 7;
    public const int Down = 8;
    public const int Rollback = 9;
    public const int Removed = 10;

    private static readonly string[] Names =
        ["STARTUP", "PRIMARY", "SECONDARY", "RECOVERING", "", "STARTUP2", "UNKNOWN", "ARBITER", "(not reachable/healthy)", "ROLLBACK", "REMOVED"];

    public static string Name(int state) => Names[state];
}
