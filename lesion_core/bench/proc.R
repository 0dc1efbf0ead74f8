# R's pROC beside this project's own code. Called by proc.py:
#   Rscript proc.R agree INPUT.csv OUTPUT.csv    area, variance, interval and paired p of each data set
#   Rscript proc.R time  INPUT.bin REPEATS       seconds of roc() with a DeLong interval; INPUT: labels, then scores, as doubles
#   Rscript proc.R boot  INPUT.bin DRAWS         seconds of a stratified bootstrap interval
suppressPackageStartupMessages(library(pROC))
arguments <- commandArgs(trailingOnly = TRUE)
curve <- function(y, s) roc(y, s, levels = c(0, 1), direction = "<", quiet = TRUE)

if (arguments[1] == "agree") {
  data <- read.csv(arguments[2])
  rows <- lapply(split(data, data$set), function(d) {
    a <- curve(d$y, d$a)
    b <- curve(d$y, d$b)
    # ci() warns where the area is 1: the interval is a point there, and is compared as such.
    limits <- suppressWarnings(ci.auc(a, method = "delong"))
    p <- suppressWarnings(roc.test(a, b, method = "delong", paired = TRUE)$p.value)
    partial <- auc(a, partial.auc = c(1, 0.8), partial.auc.focus = "specificity")
    corrected <- auc(a, partial.auc = c(1, 0.8), partial.auc.focus = "specificity", partial.auc.correct = TRUE,
                     allow.invalid.partial.auc.correct = TRUE)
    sensitive <- auc(a, partial.auc = c(1, 0.8), partial.auc.focus = "sensitivity")
    data.frame(set = d$set[1], area = as.numeric(auc(a)), variance = var(a, method = "delong"), low = limits[1],
               high = limits[3], p = p, partial = as.numeric(partial), corrected = as.numeric(corrected),
               sensitive = as.numeric(sensitive))
  })
  result <- do.call(rbind, rows)
  result[-1] <- lapply(result[-1], function(x) sprintf("%.17g", x))
  write.csv(result, arguments[3], row.names = FALSE, quote = FALSE)
} else {
  values <- readBin(arguments[2], "double", file.size(arguments[2]) / 8)
  n <- length(values) / 2
  y <- values[1:n]
  s <- values[(n + 1):(2 * n)]
  if (arguments[1] == "time") {
    for (i in seq_len(as.integer(arguments[3]))) {
      cat(system.time(ci.auc(curve(y, s), method = "delong"))[["elapsed"]], "\n")
    }
  } else {
    draws <- as.integer(arguments[3])
    cat(system.time(ci.auc(curve(y, s), method = "bootstrap", boot.n = draws, progress = "none"))[["elapsed"]], "\n")
  }
}
