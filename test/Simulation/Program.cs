using CS3103P2P.Simulation;

return await Task.Run(() => CommandLine.RunAsync(args, Console.Out));
