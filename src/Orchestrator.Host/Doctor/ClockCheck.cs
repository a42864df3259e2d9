using System.Runtime.InteropServices;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Doctor;

/// <summary>Whether the machine's clock can be believed: windows and schedules go by it.</summary>
internal static class ClockCheck
{
    // adjtimex(2): what it returns while the clock is not synchronized, and room for its structure.
    private const int NotSynchronized = 5;
    private const int StructureSize = 512;

    private const string Remedy = "Synchronize the clock, for example with chrony or systemd-timesyncd.";

    /// <param name="builtAt">When this program was made.</param>
    public static Finding Look(TimeProvider time, DateTimeOffset builtAt)
    {
        var now = time.GetUtcNow();
        if (now < builtAt)
        {
            return Finding.Fail("clock", $"The clock shows {Human.Minute(now)}, before this program was made ({Human.Minute(builtAt)}).", Remedy);
        }

        return IsSynchronized() switch
        {
            true => Finding.Ok("clock", $"The clock shows {Human.Minute(now)} and is synchronized."),
            false => Finding.Warn("clock", $"The clock shows {Human.Minute(now)}, and the system does not know it to be synchronized.", Remedy),
            _ => Finding.Ok("clock", $"The clock shows {Human.Minute(now)}; this system does not tell whether it is synchronized."),
        };
    }

    private static bool? IsSynchronized()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // With modes 0 it only reads.
        var state = Adjust(new byte[StructureSize]);
        return state < 0 ? null : state != NotSynchronized;
    }

    [DllImport("libc", EntryPoint = "adjtimex")]
    private static extern int Adjust(byte[] structure);
}
