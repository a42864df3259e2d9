using System.Diagnostics;

namespace Orchestrator.Benchmarks.Storage;

/// <summary>Other programs that copy or compact, on the same live documents, where they are installed.</summary>
internal static class Peers
{
    public static async Task<IReadOnlyList<Figure>> Measure(Workbench bench, double vacuumSeconds, CancellationToken cancellation)
    {
        var figures = new List<Figure>();
        var file = Workbench.Documents(bench.Template);
        var copy = bench.NewPath("cp");
        if (await Run("cp", [file, copy], cancellation) is { } seconds)
        {
            figures.Add(new("peer: cp", vacuumSeconds / seconds, "ratio", "-", "of the whole file, deleted documents too, to VACUUM INTO; not synced"));
            File.Delete(copy);
        }

        figures.AddRange(await Lmdb(bench, vacuumSeconds, cancellation));
        figures.AddRange(await LevelDb(bench, vacuumSeconds, cancellation));
        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> Lmdb(Workbench bench, double vacuumSeconds, CancellationToken cancellation)
    {
        var dump = bench.NewPath("lmdb-dump");
        var database = bench.NewPath("lmdb");
        var compacted = bench.NewPath("lmdb-compacted");
        Directory.CreateDirectory(database);
        Directory.CreateDirectory(compacted);
        WriteLmdbDump(bench, dump);
        if (await Run("mdb_load", ["-f", dump, database], cancellation) is null
            || await Run("mdb_copy", ["-c", database, compacted], cancellation) is not { } seconds)
        {
            File.Delete(dump);
            return [];
        }

        File.Delete(dump);
        return [new("peer: mdb_copy -c", vacuumSeconds / seconds, "ratio", "-", "LMDB with the same live documents, to VACUUM INTO")];
    }

    private static void WriteLmdbDump(Workbench bench, string path)
    {
        using var store = Workbench.Open(bench.Template);
        using var writer = new StreamWriter(path);
        writer.Write($"VERSION=3\nformat=bytevalue\ntype=btree\nmapsize={4 * bench.LiveBytes}\nHEADER=END\n");
        foreach (var document in store.Scan())
        {
            writer.Write($" {Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(document.Id))}\n {Convert.ToHexStringLower(document.Body.Span)}\n");
        }

        writer.Write("DATA=END\n");
    }

    private static async Task<IReadOnlyList<Figure>> LevelDb(Workbench bench, double vacuumSeconds, CancellationToken cancellation)
    {
        var database = bench.NewPath("rocksdb");
        if (await Load(bench, database, cancellation) && await Run("ldb", [$"--db={database}", "compact"], cancellation) is { } seconds)
        {
            return [new("peer: ldb compact", vacuumSeconds / seconds, "ratio", "-", "RocksDB with the same live documents, to VACUUM INTO")];
        }

        return [];
    }

    private static async Task<bool> Load(Workbench bench, string database, CancellationToken cancellation)
    {
        try
        {
            using var process = Start("ldb", [$"--db={database}", "load", "--create_if_missing", "--disable_wal"], redirectInput: true);
            using (var store = Workbench.Open(bench.Template))
            {
                await using var input = process.StandardInput;
                foreach (var document in store.Scan())
                {
                    await input.WriteAsync($"{document.Id} ==> {System.Text.Encoding.UTF8.GetString(document.Body.Span)}\n");
                }
            }

            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
        {
            return false;
        }
    }

    /// <summary>Seconds, or null if the program is not there or fails.</summary>
    private static async Task<double?> Run(string program, string[] arguments, CancellationToken cancellation)
    {
        try
        {
            var clock = Stopwatch.StartNew();
            using var process = Start(program, arguments, redirectInput: false);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? clock.Elapsed.TotalSeconds : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static Process Start(string program, string[] arguments, bool redirectInput)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = redirectInput, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
